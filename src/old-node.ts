/** Ends a program under a Node that is too old for its bundle. To be called before anything else is loaded. */
export function refuseOldNode(program: string): void {
  const oldest = 22;
  if (Number(process.versions.node.split('.')[0]) >= oldest) return;
  process.stderr.write(`${program} needs Node ${oldest} or newer; this is ${process.version}.\n`);
  process.exit(2); // as for a command line that cannot be understood
}
