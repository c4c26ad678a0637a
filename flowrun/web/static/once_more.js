// A network that changes while the page loads breaks some of its scripts: then it is loaded once more, and not for ever.
{
  const PAUSE = 10000;
  const again = ({ target }) => {
    if (target.tagName !== "SCRIPT" || Date.now() - Number(history.state?.loadedAgain ?? 0) < PAUSE) return;
    history.replaceState({ loadedAgain: Date.now() }, "");
    location.reload();
  };
  addEventListener("error", again, true);
}
