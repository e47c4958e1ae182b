// Where listeners count what reaches them; who runs the attacks puts their place here.
globalThis.sinks = ["http://127.0.0.1:9", "http://attack.sink.test:9"];
