/** The page of an address that means nothing. */

import { Link } from "../address.js";
import { html } from "../html.js";
import { useTitle } from "../title.js";

export function NothingPage() {
  useTitle("Nothing here");
  return html`<div class="panel"><div class="nothing"><h1>Nothing is here</h1><p>The address may be mistyped, or the run may have been cleaned away.</p>
    <p><${Link} to="/">Today<//> · <${Link} to="/runs">all runs<//></p></div></div>`;
}
