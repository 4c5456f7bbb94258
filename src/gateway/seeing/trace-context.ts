/** Names of a call’s spans, made of its id: 16 bytes, whose last half is chance and whose first half is time and chance. */

/** The span of the call as a whole. */
export const rootSpanOf = (callId: string): string => callId.slice(16)
/** The span of what the bank or the vault does for it. */
export const upstreamSpanOf = (callId: string): string => callId.slice(0, 16)

/** What the bank and the vault are told (W3C Trace Context level 1): ours, whatever the caller sent. */
export const traceparentOf = (callId: string, sampled: boolean): string =>
  `00-${callId}-${upstreamSpanOf(callId)}-${sampled ? '01' : '00'}`
