export default {
  name: "train",
  mount() {
    return () => {};
  },
};
