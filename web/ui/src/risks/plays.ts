import { useEffect, useState } from "preact/hooks";
import { get, RequestFailed } from "../api/client";
import type { Risk, RiskPlayed, RiskPlays, RiskReport } from "../api/types";

/** How many dependencies are played, those that are most used. */
const playedMost = 10;

/** What replays have said so far. */
export interface Playing {
  rooms: Map<string, RiskPlayed>;
  nodes: string[]; // those that are played
  risks: Risk[]; // all, with those that only replays show; empty before any was played
  why: string; // nothing was played
}

/** Asks for the replays one after the other, so that rows fill as they come. */
export function usePlays(report: RiskReport, query: string): Playing {
  const nodes = [...report.room]
    .sort((a, b) => b.users - a.users || (a.node < b.node ? -1 : 1))
    .slice(0, playedMost)
    .map((r) => r.node);
  const asked = `${query}\n${nodes.join("\n")}`;
  const [state, setState] = useState<Playing & { asked: string }>({ rooms: new Map(), nodes, risks: [], why: "", asked });
  useEffect(() => {
    const aborter = new AbortController();
    async function play(): Promise<void> {
      const rooms = new Map<string, RiskPlayed>();
      setState({ rooms, nodes, risks: [], why: "", asked });
      let risks: Risk[] = [];
      for (const node of nodes) {
        const query = new URLSearchParams(asked.slice(0, asked.indexOf("\n")));
        query.append("node", node);
        try {
          const plays = await get<RiskPlays>(`/risks/played?${query}`, aborter.signal);
          for (const r of plays.room) if (r.played) rooms.set(r.node, r.played);
          if (aborter.signal.aborted) return;
          risks = plays.risks;
          setState({ rooms: new Map(rooms), nodes, risks, why: plays.why ?? "", asked });
          if (plays.why) return;
        } catch (cause) {
          if (aborter.signal.aborted) return;
          const why = cause instanceof RequestFailed ? cause.message : String(cause);
          setState({ rooms: new Map(rooms), nodes, risks, why, asked });
          return;
        }
      }
    }
    if (nodes.length > 0) void play();
    return () => aborter.abort();
  }, [asked]);
  return state.asked === asked ? state : { rooms: new Map(), nodes, risks: [], why: "" };
}

/** Whether more replays are to come. */
export const waiting = (p: Playing): boolean => p.why === "" && p.rooms.size < p.nodes.length;
