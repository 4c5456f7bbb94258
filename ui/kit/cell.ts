/** The two worlds, for pages: the kernel's schema would bring its whole library along. */
import type { Cell } from '#kernel/cell.ts'

export type { Cell }
export const cells = ['sandbox', 'production'] as const satisfies readonly Cell[]
export const isCell = (text: unknown): text is Cell => cells.some((cell) => cell === text)
