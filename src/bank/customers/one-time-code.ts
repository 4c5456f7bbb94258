export { base32, codeAt, stepOf, stepOfCode } from '#platform/one-time-code.ts'
