import { useEffect, useState } from "preact/hooks";

const query = "(prefers-color-scheme: dark)";

/** Whether the system asks for dark colours; for what CSS can't reach. */
export function useDark(): boolean {
  const [dark, setDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setDark(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return dark;
}
