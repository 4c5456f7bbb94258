import { z } from 'zod'

/** The two worlds. Nothing in one knows how to reach the other. */
export const Cell = z.enum(['sandbox', 'production'])
export type Cell = z.output<typeof Cell>
export const cells = Cell.options
