/** What is wrong with a value by a schema whose references are written out, told by a validator that is not ours. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Tree } from '#kernel/changes/index.ts'

export const checkOf = (schema: Tree): ((value: unknown) => string[]) => {
  const ajv = new Ajv2020({ allErrors: true, strict: false, unicodeRegExp: true })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
