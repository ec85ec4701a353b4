import { useEffect, useState } from "preact/hooks";
import { get, RequestFailed } from "../api/client";
import type { RiskLimit, RiskPlayed, RiskPlays, RiskReport, RiskRoom } from "../api/types";
import { share, times } from "../format/number";
import { nodeName, prose } from "../format/words";
import { nodePath } from "../router";

/** How many dependencies are played, those that are most used. */
const playedMost = 10;

/** The greatest factor that is played. */
const most = 128;

/** Below this, the least and the factor are told as one. */
const closely = 1.3;

interface Playing {
  rooms: Map<string, RiskPlayed>;
  nodes: string[];
  why: string; // nothing was played
}

/** Asks for the replays one after the other, so that rows fill as they come. */
function usePlays(report: RiskReport, query: string): Playing {
  const nodes = [...report.room]
    .sort((a, b) => b.users - a.users || (a.node < b.node ? -1 : 1))
    .slice(0, playedMost)
    .map((r) => r.node);
  const asked = `${query}\n${nodes.join("\n")}`;
  const [state, setState] = useState<Playing & { asked: string }>({ rooms: new Map(), nodes, why: "", asked });
  useEffect(() => {
    const aborter = new AbortController();
    async function play(): Promise<void> {
      const rooms = new Map<string, RiskPlayed>();
      setState({ rooms, nodes, why: "", asked });
      for (const node of nodes) {
        const query = new URLSearchParams(asked.slice(0, asked.indexOf("\n")));
        query.append("node", node);
        try {
          const plays = await get<RiskPlays>(`/risks/played?${query}`, aborter.signal);
          for (const r of plays.room) if (r.played) rooms.set(r.node, r.played);
          if (aborter.signal.aborted) return;
          setState({ rooms: new Map(rooms), nodes, why: plays.why ?? "", asked });
          if (plays.why) return;
        } catch (cause) {
          if (aborter.signal.aborted) return;
          const why = cause instanceof RequestFailed ? cause.message : String(cause);
          setState({ rooms: new Map(rooms), nodes, why, asked });
          return;
        }
      }
    }
    if (nodes.length > 0) void play();
    return () => aborter.abort();
  }, [asked]);
  return state.asked === asked ? state : { rooms: new Map(), nodes, why: "" };
}

/** How much slower each dependency may get before users feel it, and before it does not come back. */
export function RoomTable({ report, query }: { report: RiskReport; query: string }) {
  const { rooms, nodes, why } = usePlays(report, query);
  const waiting = why === "" && rooms.size < nodes.length;
  return (
    <section aria-labelledby="room-title">
      <h2 id="room-title">How much slower each dependency may get</h2>
      <p class="quiet">
        The traffic is played again with one dependency slowed for two minutes: from what factor on users feel it, and from what factor on they still do three minutes after it is as fast as
        before. "At least" is what was borne already; beyond it are limits that never showed.
      </p>
      <p class="quiet playing" role="status">
        {why !== "" ? `Not played: ${why}` : waiting ? `Playing: ${rooms.size} of ${nodes.length} done.` : `${rooms.size} played, those that are used most.`}
        {waiting && <progress max={nodes.length} value={rooms.size} aria-label="Dependencies played" />}
      </p>
      <div class="scroll" tabIndex={0} role="group" aria-label="Dependencies, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Dependency</th>
              <th scope="col">Users feel it</th>
              <th scope="col">Does not come back</th>
              <th scope="col">Timeout or places</th>
              <th scope="col">Users' requests</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {ordered(report.room, nodes).map((r) => (
              <Row key={r.node} room={r} played={rooms.get(r.node)} awaited={waiting && nodes.includes(r.node)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Those that are played stand first. */
function ordered(room: RiskRoom[], nodes: string[]): RiskRoom[] {
  return [...nodes.flatMap((n) => room.filter((r) => r.node === n)), ...room.filter((r) => !nodes.includes(r.node))];
}

function Row({ room, played, awaited }: { room: RiskRoom; played: RiskPlayed | undefined; awaited: boolean }) {
  const cell = (of: (p: RiskPlayed) => RiskLimit) => (played ? (played.known ? limit(of(played)) : "unknown") : awaited ? "…" : "");
  return (
    <tr>
      <th scope="row">
        <a href={nodePath(room.node, { from: null, to: null })}>{nodeName(room.node)}</a>
      </th>
      <td class="number">{cell((p) => p.felt)}</td>
      <td class="number">{cell((p) => p.stuck)}</td>
      <td class="number">{room.factor === 0 ? "not known" : `${room.at_least ? "at least " : ""}${times(room.factor)}`}</td>
      <td class="number">{share(room.users)}</td>
      <td>
        {played && <p>{prose(played.sentence)}</p>}
        <p class={played ? "quiet" : undefined}>{prose(room.sentence)}</p>
      </td>
    </tr>
  );
}

/** A factor as far as it is known. */
function limit(l: RiskLimit): string {
  if (l.factor === 0) return l.least >= most ? `not at ${times(most)}` : `at least ${times(l.least)}`;
  return l.factor <= closely * l.least ? times(l.factor) : `${times(l.least)} to ${times(l.factor)}`;
}
