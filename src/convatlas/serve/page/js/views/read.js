export default {
  name: "read",
  mount() {
    return () => {};
  },
};
