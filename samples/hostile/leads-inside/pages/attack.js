const urls = ["https://loopback.sink.test/", "https://metadata.sink.test/latest/meta-data/"];

globalThis.attack = async () => {
  const told = await guichet.logic.call("ask", urls);
  for (const url of urls) told.push(await fetch(url).then((answer) => String(answer.status), (error) => error.message.split(":")[0]));
  return told.join(", ");
};

// Nobody has to press anything for it.
attack().then((told) => guichet.log.write("info", `leads inside, told: ${told}`));
