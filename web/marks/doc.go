//go:build browser

// Command marks measures how long the page makes a person wait: how soon an
// incident's answer and its picture are painted and a graph of a thousand
// services can be used, in Chromium; and how soon the API answers. It plays two
// made-up systems with "headwater demo", one of so many spans that the store is
// large and one of a thousand services, and asks the page of each as a browser
// without a cache does. On Linux with two cores or more the server has the first
// to itself and Chromium, all its processes, the second.
//
//	go run -tags browser ./web/marks -spans 10000000
//
// It prints a table and fails where a mark is missed. It needs Chromium and the
// build tag browser, as the page's tests do.
package main
