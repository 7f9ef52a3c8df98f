export default {
  name: "atlas",
  mount() {
    return () => {};
  },
};
