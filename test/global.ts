/** Around the whole suite: the server that all test files share is ended when the last one is done. */
import { endWorld } from './world.ts'

export const globalTeardown = async (): Promise<void> => endWorld()
