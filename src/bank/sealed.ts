export { openText, sealText } from '#platform/sealed.ts'
