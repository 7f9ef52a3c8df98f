export default {
  name: "draw",
  mount() {
    return () => {};
  },
};
