export default {
  name: "arithmetic",
  mount() {
    return () => {};
  },
};
