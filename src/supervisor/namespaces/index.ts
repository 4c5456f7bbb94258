/** A network of its own for each cell, where the machine lets the supervisor make one: what stands between, and the proof. */
export { checkClosed, type Door, doorsOf } from './doors.ts'
export { dropNamespace, inNamespace, makeNamespace, namespaceOf } from './namespace.ts'
export { networkWall, sharedNetwork } from './wall.ts'
