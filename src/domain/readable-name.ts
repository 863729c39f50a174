import type { Random } from "./ids.ts";

/** A name such as `brave-otter` for people to tell runs apart by; not unique, so the newest run of a name counts. */
export function readableName(random: Random): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = random(4);
  const quality = QUALITIES[(first * 256 + second) % QUALITIES.length];
  return `${quality}-${ANIMALS[(third * 256 + fourth) % ANIMALS.length]}`;
}

const QUALITIES = (
  "able agile alert amber ample amused ancient apt arctic ardent azure balmy bold brave breezy bright brisk bubbly calm candid " +
  "careful cheery civil clean clear clever cosy cool copper coral crisp curious dapper daring dawn deft eager early earnest easy " +
  "elated even fabled fair famous fancy fast fearless festive fine firm fleet fluent fond frank free fresh frosty gallant gentle " +
  "gifted glad gleeful golden good grand green groovy handy happy hardy hasty hearty honest humble icy ideal indigo ivory jade " +
  "jaunty jolly jovial keen kind large lavender lean light lilac limber lively loyal lucid lucky lunar magic maroon mellow merry " +
  "mighty mild misty modest mossy neat nifty nimble noble northern oaken olive opal open orange patient peachy placid plucky " +
  "polite prime proud prompt quick quiet rapid rare ready regal robust rosy ruby rustic sage scarlet serene sharp shiny silent " +
  "silver simple sleek smart snappy snowy solar solid spry stable steady sturdy sunny super swift tame teal tender thrifty tidy " +
  "tough true trusty upbeat velvet violet vivid warm wild willing windy wise witty young zany zesty"
).split(" ");

const ANIMALS = (
  "adder alpaca antelope ape avocet badger bat bear beaver bee beetle bison boar bobcat buffalo bullfinch buzzard camel capybara " +
  "caribou carp cat chamois cheetah chough civet cobra cod condor coot cormorant coyote crab crane cricket crow curlew deer dingo " +
  "dog dolphin donkey dormouse dove dragonfly duck dunlin eagle echidna eel egret eider elk emu ermine falcon ferret finch " +
  "firefly flamingo fox frog gannet gazelle gecko gerbil gibbon giraffe gnu goat goldfinch goose gopher grouse gull hamster hare " +
  "harrier hawk hedgehog heron herring hoopoe hornet horse hyena ibex ibis iguana impala jackal jackdaw jaguar jay kestrel kite " +
  "kiwi koala kudu lapwing lark lemming lemur leopard linnet lion lizard llama lobster loon lynx macaw magpie mallard manatee " +
  "marmot marten martin mink mole mongoose moose moth mouse mule muskox narwhal newt nightjar ocelot octopus okapi opossum orca " +
  "oriole osprey ostrich otter owl oyster panda panther parrot pelican penguin petrel pheasant pigeon pika plover polecat pony " +
  "porpoise puffin puma quail quokka rabbit raccoon ram raven reindeer robin rook salmon sandpiper seal serval shark sheep shrew " +
  "skylark sloth snail snipe sparrow spider squid squirrel stag starling stoat stork swallow swan swift tapir teal tern thrush " +
  "tiger toad tortoise toucan trout turtle vole wagtail walrus warbler weasel whale wombat woodpecker wren yak zebra"
).split(" ");
