const documents = [];
/** How many documents of a level there have been. */
export const count = (level) => (documents[level] = (documents[level] ?? 0) + 1);
export default {};
