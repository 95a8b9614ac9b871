// A clock that goes on while the page is out of sight: a browser slows the timers of hidden pages, not a worker's.
// The worker's name is the number of seconds.
setInterval(() => postMessage(0), Number(name) * 1000);
