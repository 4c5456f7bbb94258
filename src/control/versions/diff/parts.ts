/** How a document is read, for those who look at more of it than the comparison does. */
export { type Document, parts } from './document.ts'
export { isNode, type Node, node, onlyIn, own } from './node.ts'
