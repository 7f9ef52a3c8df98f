// What is said of a picture, given how sure one wants to be.

export function refused({ answer }, least) {
  return Boolean(answer?.number) && answer.confidence < least;
}

/** The number, or in words that there is none or that it is refused. */
export function said(app, item, least) {
  if (!item.answer) return "";
  if (refused(item, least)) return app.t("read.refused");
  return item.answer.number || app.t("read.none");
}
