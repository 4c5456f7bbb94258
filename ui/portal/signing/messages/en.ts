/** Signing a contract, in English. */
export const en = {
  'signing.way': 'How you sign',
  'signing.way.device': 'By this device',
  'signing.way.device.about':
    'Your passkey signs the hash; without one your fresh second factor stands for it.',
  'signing.way.e-signature': 'By national e-signature',
  'signing.way.e-signature.about':
    'PKCS#7 by the certificate that the state has given you, as E-IMZO makes it.',
  'signing.steps':
    'Save the hash, sign it in your e-signature program as it is, 64 characters, and bring the signature here. The tax number in the certificate must stand in a document of yours that the bank has accepted.',
  'signing.save': 'Save what to sign',
  'signing.file': 'The signature',
  'signing.file.hint': 'PKCS#7, attached or detached',
  'signing.file.other': '{name} is no PKCS#7 signature.',
  'signing.file.missing': 'Choose the file of the signature.',
} as const
