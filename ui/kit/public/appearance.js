// Runs before the first paint, so that a dark page never flashes white. No module: it must block.
const chosen = localStorage.getItem('portico.appearance')
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
