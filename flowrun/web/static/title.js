/** The title of the browser's tab. */

import { useEffect } from "./html.js";

export function useTitle(text) {
  useEffect(() => {
    document.title = text ? `${text} · flowrun` : "flowrun";
  }, [text]);
}
