// An app that wants nothing but to go on: it answers again and again while the others do what they do.
export default {
  async launched() {
    await guichet.storage.set("secret", "its own");
  },
};

export const answer = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return guichet.storage.get("secret");
};
