// The attack is the page's.
export default {};
