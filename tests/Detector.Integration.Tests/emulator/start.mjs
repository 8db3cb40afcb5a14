// Listens on a free port of the loopback, prints its address, and ends with the process that started it.
import { buildApp } from "fauxqs";
console.log(await buildApp({ logger: false, host: "localhost" }).listen({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1" }));
process.stdin.on("end", () => process.exit(0)).resume();
