/** Support as partners see it, in English. */
export const en = {
  'help.about': 'Ask the bank. Your organisation reads what its people ask; nobody else does.',
  'help.requests': 'Requests',
  'help.none.about': 'What you ask stands here, with the answers.',
  'help.open': 'Ask the bank',
  'help.subject': 'In one line',
  'help.product': 'About which product',
  'help.call': 'Id of a call, if it is about one',
  'help.call.hint': 'It stands in your call log. Only a call of your own in this environment.',
  'help.promise': 'Sent now, the first answer comes by',
  'help.promise.none.sandbox':
    'In the sandbox no time is promised. The bank answers as soon as it can.',
  'help.promise.none.production':
    'No contract of yours promises a time yet. The bank answers as soon as it can.',
  'help.may-not': 'Auditors read. Everybody else of your organisation asks.',
  'help.write': 'Write on',
  'help.closed':
    'It is closed. For thirty days after that a message opens it again; the time of a first answer is promised once.',
  'help.close.hint':
    'Closing a request before its answer is due lets the promise go: it counts neither way.',
} as const
