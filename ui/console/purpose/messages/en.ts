/** The words with which staff say what personal data are read for. */
export const en = {
  'purpose.ask': 'Who are they?',
  'purpose.about':
    'Names and addresses are shown for a purpose. What you say is kept before they are, and stands in the journal with your name.',
  'purpose.code': 'Purpose',
  'purpose.said': 'Which case, whose question',
  'purpose.show': 'Show',
  'purpose.support': 'A question of the partner',
  'purpose.onboarding': 'Onboarding',
  'purpose.contract': 'A contract',
  'purpose.fraud': 'Suspected fraud',
  'purpose.incident': 'An incident',
  'purpose.complaint': 'A complaint',
  'purpose.audit': 'An audit',
  'purpose.regulator': 'A regulator asks',
  'purpose.erase': 'Forget',
  'purpose.erase.about':
    'Name, address and ways to sign in go, and so does what staff said when they read who works here. What the person did stays, under an id that leads to nobody. Another person decides.',
  'purpose.erase.why': 'Why',
  'purpose.left': 'has left',
} as const
