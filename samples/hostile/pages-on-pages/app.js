export const attack = async () => {
  for (let opened = 0; ; opened += 1) {
    try {
      await guichet.navigation.navigate("pages/home");
    } catch (error) {
      guichet.page.update({ answer: `${opened} opened, then ${error.name}` });
      return;
    }
  }
};
