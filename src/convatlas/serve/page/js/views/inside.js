export default {
  name: "inside",
  mount() {
    return () => {};
  },
};
