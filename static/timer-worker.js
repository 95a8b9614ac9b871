// A timer that keeps its pace while the page is hidden: browsers slow the timers of hidden pages, but not a worker's.
// The worker's name is the interval in seconds.
setInterval(() => postMessage(0), Number(name) * 1000);
