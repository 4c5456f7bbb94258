/** The words of trying a call. */
export const en = {
  'try.title': 'Try it',
  'try.about':
    'The portal makes the token, the proof and the customer’s consent. Nothing is played: the call passes the sandbox’s real gates and stands in your call log.',
  'try.visit': 'Try it without registering',
  'try.visit.about':
    'A sandbox of your own for 24 hours. Register within that time, and all of it stays yours.',
  'try.register': 'Register instead',
  'try.visiting': 'An anonymous sandbox, yours until {time}.',
  'try.keep': 'Register to keep it',
  'try.body': 'Body',
  'try.persona': 'Who is asked',
  'try.persona.hint': 'A person of the make-believe bank, who allows it on the bank’s own pages.',
  'try.scenario': 'How the bank behaves',
  'try.scenario.none': 'As always',
  'try.optional': 'More values',
  'try.act': 'Send',
  'try.sending': 'Sending…',
  'try.answer': 'Answer',
  'try.ms.token': 'token {ms} ms',
  'try.ms.consent': 'consent {ms} ms',
  'try.ms.call': 'call {ms} ms',
  'try.stage.token': 'It came no further than the token. The authorization server said:',
  'try.stage.consent': 'It came no further than the customer’s consent. What was answered there:',
  'try.trace': 'See how it was decided',
} as const
