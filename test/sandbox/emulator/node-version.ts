/** Ends the program under a Node that is too old for its bundle. Imported before everything else, which may need a newer one. */
const oldest = 22;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(`acr-emulator needs Node ${oldest} or newer; this is ${process.version}.\n`);
  process.exit(2); // as for a command line that cannot be understood
}
