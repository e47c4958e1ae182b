export const attack = async () => {
  const found = await guichet.storage.keys("");
  for (const key of ["drafts", "secret", "../gov.example.hostile.bystander/secret", "gov.example.hostile.bystander\0secret"]) {
    if ((await guichet.storage.get(key)) !== undefined) found.push(key);
  }
  return found;
};
