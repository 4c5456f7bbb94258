/** The system's clock, which its operator can turn: it goes on from where it was turned to. */
export const openClock = (real: () => Temporal.ZonedDateTime) => {
  let ahead = new Temporal.Duration()
  return {
    clock: (): Temporal.ZonedDateTime => real().add(ahead),
    /** To a local date and time; without one, back to what the machine says. */
    turn: (to: Temporal.PlainDateTime | undefined): void => {
      const now = real()
      ahead = to ? now.until(to.toZonedDateTime(now.timeZoneId)) : new Temporal.Duration()
    },
  }
}
