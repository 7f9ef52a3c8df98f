export default {
  title: "看进网络内部",
  ribbon: "逐层展开的网络；方向键在层与通道之间移动",
  input: "输入",
  layersInside: "{n} 层 ▸",
  shut: "收起 {name}",
  sees: "感受野 {n}",
  seesAll: "感受野为全图",
  at: "{layer} · 通道 {channel} · 行 {y}，列 {x}",
  channelOf: "{layer}，共 {n} 个通道，当前通道 {channel}",
  commonScale: "同层共用一个色标",
};
