/** The support desk as the bank works at it, in English. */
export const en = {
  'desk-support.about':
    'What partners ask, the soonest due first. The first answer of a person is what a contract promises.',
  'desk-support.which': 'Which requests',
  'desk-support.open': 'Waiting',
  'desk-support.answered': 'Answered',
  'desk-support.closed': 'Closed',
  'desk-support.none.about':
    'A request appears here when a partner asks, and goes when it is answered.',
  'desk-support.partner': 'Partner',
  'desk-support.next': 'Answer by',
  'desk-support.answer': 'Answer',
  'desk-support.may-not':
    'Partner success, developer relations and the head of the platform answer.',
  'desk-support.closed.about': 'It is closed. The partner opens it again by a message.',
} as const
