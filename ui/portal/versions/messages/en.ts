/** Versions: what each application speaks, and what newer ones mean for it. */
export const en = {
  'versions.title': 'Versions',
  'versions.about':
    'Each application stays on the version of its day until you move it. What a newer one changes for you is told by your own calls.',
  'versions.none': 'No application here yet',
  'versions.none.about': 'A new application speaks the newest version.',
  'versions.speaks': 'speaks {version}',
  'versions.ends': 'This version is served to you until {day}. Move before then.',
  'versions.ended':
    'Version {version} has ended: calls that name no other are refused with 410. Move now.',
  'versions.overdue': 'This version was promised to you until {day} and may end any day. Move now.',
  'versions.calls': { one: '{count} call', other: '{count} calls' },
  'versions.newest': 'This is the newest version. There is nothing to do.',
  'versions.ahead': {
    one: '{count} change touches calls that this application really makes.',
    other: '{count} changes touch calls that this application really makes.',
  },
  'versions.ahead.none': {
    one: '{count} change stands ahead, and none of your calls of 400 days would notice it.',
    other: '{count} changes stand ahead, and none of your calls of 400 days would notice them.',
  },
  'versions.changes': 'What newer versions change for {name}',
  'versions.since': 'Since',
  'versions.change': 'What changes',
  'versions.yours': 'Your calls',
  'versions.untouched': 'not used',
  'versions.move': 'Move to {version}',
  'versions.back': 'Back to {version}',
  'versions.coming': 'Announced',
  'versions.coming.about':
    'These take effect for every version. You are told in the time that your contract promises.',
  'versions.calendar': 'Calendar',
  'versions.calendar.about':
    'One calendar for all products. A single call may name any version in Api-Version.',
  'versions.stage.beta': 'beta',
  'versions.beta.join': 'Try the beta {version}',
  'versions.beta.leave': 'Leave the beta {version}',
  'versions.beta.about':
    'It may change ninety days after you are told, and is served only to applications that ask for it.',
  'versions.beta.joined':
    'Calls of this application may name {version} in Api-Version. You are told ninety days before it changes.',
  'versions.stage.alive': 'in service',
  'versions.stage.deprecated': 'will end',
  'versions.stage.sunset': 'may end any day',
  'versions.stage.retired': 'has ended',
  'versions.until': 'served until {day}',
  'versions.brownout': 'refused in {cell} from {from} to {to}',
  'versions.in.sandbox': 'the sandbox',
  'versions.in.production': 'production',
} as const
