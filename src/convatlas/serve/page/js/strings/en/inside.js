export default {
  title: "Look inside a network",
  ribbon: "The network, layer by layer; arrow keys walk through layers and maps",
  input: "input",
  layersInside: "{n} layers ▸",
  shut: "Fold {name}",
  sees: "sees {n}",
  seesAll: "sees all",
  at: "{layer} · channel {channel} · row {y}, column {x}",
  channelOf: "Channel {channel} of {n}, {layer}",
  commonScale: "One scale for a layer",
};
