// The files of the card, by the commands of ISO 7816-4: SELECT a file below the applet, READ BINARY all of it.

const DONE = 0x9000;

async function file(connection, id) {
  for (const command of [[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x01, id], [0x00, 0xb0, 0x00, 0x00, 0x00]]) {
    const { data, status } = await guichet.card.exchange(connection, new Uint8Array(command));
    if (status !== DONE) throw new Error(`the card says ${status.toString(16)}`);
    if (command[1] === 0xb0) return new TextDecoder().decode(data);
  }
  return "";
}

/** Whose card it is. */
export const holder = (connection) => file(connection, 0x01);

/** The last day on which it is good, such as 2031-12-31. */
export const expiry = (connection) => file(connection, 0x03);
