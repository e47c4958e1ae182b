// What there is to know of reports, without a page and without a host: see test/reports.test.js.

/** Whether a draft can be sent. */
export const isComplete = ({ street, what }) => street.trim() !== "" && what.trim() !== "";

/** The reports with one more in front, at most fifty. */
export const withReport = (reports, draft, number) =>
  [{ number, street: draft.street.trim(), what: draft.what.trim() }, ...reports].slice(0, 50);
