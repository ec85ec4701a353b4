import { expect, test } from "vitest";
import { causeName, nodeName } from "./words";

test("a node's name is what stands after its kind and scope", () => {
  expect(nodeName("service:prod%2Fshop/checkout")).toBe("checkout");
  expect(nodeName("database:postgresql%2F10.0.0.7:5432/orders-db")).toBe("orders-db");
  expect(nodeName("external:api.cards.example:443")).toBe("api.cards.example:443");
  expect(nodeName("service:a%2Fb")).toBe("a/b");
  expect(nodeName("service:50%")).toBe("50%");
});

test("an edge reads with an arrow", () => {
  expect(causeName("checkout->orders")).toBe("checkout → orders");
  expect(causeName("orders-db")).toBe("orders-db");
});
