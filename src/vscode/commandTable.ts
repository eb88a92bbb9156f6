/**
 * Every command of Parley: id, title, icon, and when the palette offers it. A test holds the
 * manifest equal to this table. Below: nothing (no `vscode`). Above: commands.ts runs them.
 */

export interface CommandEntry {
  readonly title: string;
  /** A codicon, for menus and inline buttons. */
  readonly icon?: string;
  /** Where the palette offers it; `false` for commands that only a click makes sense of. */
  readonly palette?: string;
}

/** Context keys that `contextKeys.ts` sets; a test knows every `when` clause by them. */
export const contextKeyNames = [
  // VS Code's own isWorkspaceTrusted is false for a moment at every start.
  'parley.untrusted',
  'parley.hasBoards',
  'parley.hasReadyBoards',
  'parley.hasVirtualBoards',
  'parley.hasNetworkBoards',
  'parley.brokerRunning',
  'parley.programRunning',
  'parley.hasError',
  'parley.conversationStarting',
  'parley.openBoardRuns',
  'parley.recording',
  'parley.plotting',
  'parley.boardTerminal',
  // Steps of the walkthrough tick by these, however a step was done.
  'parley.twoBoards',
  'parley.flashed',
  'parley.hasWifi',
  'parley.boardsTalk',
  'parley.youSpoke',
  'parley.stepsShown',
] as const;
export type ContextKeyName = (typeof contextKeyNames)[number];

const ready = 'parley.hasReadyBoards';

export const commandTable = {
  'parley.startConversation': {
    title: 'Start the Conversation',
    icon: '$(comment-discussion)',
    palette: '!parley.conversationStarting',
  },
  'parley.stopConversation': {
    title: 'Stop the Conversation',
    icon: '$(debug-stop)',
    palette: 'parley.brokerRunning || parley.conversationStarting',
  },
  'parley.addVirtualBoards': {
    title: 'Add Two Virtual Boards',
    icon: '$(add)',
    palette: '!parley.untrusted && !parley.hasVirtualBoards',
  },
  'parley.addVirtualBoard': {
    title: 'Add a Virtual Board…',
    icon: '$(add)',
    palette: '!parley.untrusted',
  },
  'parley.showVirtualBoard': {
    title: 'Show Virtual Board',
    icon: '$(circuit-board)',
    palette: 'parley.hasVirtualBoards',
  },
  'parley.duplicateVirtualBoard': {
    title: 'Duplicate Virtual Board…',
    icon: '$(copy)',
    palette: 'parley.hasVirtualBoards',
  },
  'parley.removeVirtualBoard': {
    title: 'Remove Virtual Board…',
    icon: '$(trash)',
    palette: 'parley.hasVirtualBoards',
  },
  'parley.setVirtualWifi': {
    title: 'Set a Virtual Board’s Wi-Fi…',
    icon: '$(radio-tower)',
    palette: 'parley.hasVirtualBoards',
  },
  'parley.restartVirtualBoard': {
    title: 'Restart Virtual Board',
    icon: '$(issue-reopened)',
    palette: 'parley.hasVirtualBoards',
  },
  'parley.addNetworkBoard': { title: 'Add a Board on Another Computer…', icon: '$(remote)' },
  'parley.removeNetworkBoard': {
    title: 'Remove the Board on Another Computer…',
    icon: '$(trash)',
    palette: 'parley.hasNetworkBoards',
  },
  'parley.refreshBoards': { title: 'Look for Boards', icon: '$(refresh)' },
  'parley.eraseBoard': { title: 'Erase…', icon: '$(clear-all)', palette: ready },
  'parley.flashBoard': { title: 'Flash MicroPython…', icon: '$(zap)', palette: ready },
  'parley.flashBoards': { title: 'Flash Several Boards…', icon: '$(zap)', palette: ready },
  'parley.backupFlash': { title: 'Back Up Flash…', icon: '$(save-all)', palette: ready },
  'parley.restoreFlash': { title: 'Restore Flash…', icon: '$(history)', palette: ready },
  'parley.openRepl': { title: 'Open REPL', icon: '$(terminal)', palette: 'parley.hasBoards' },
  'parley.watchBoard': {
    title: 'Watch What It Prints',
    icon: '$(eye)',
    palette: 'parley.hasBoards',
  },
  'parley.plotBoard': {
    title: 'Plot What It Prints',
    icon: '$(graph-line)',
    palette: 'parley.hasBoards',
  },
  'parley.exportPlot': { title: 'Export the Plot…', icon: '$(export)', palette: 'parley.plotting' },
  'parley.refreshFiles': { title: 'Read the Files Again', icon: '$(refresh)', palette: ready },
  'parley.newBoardFile': { title: 'New File on the Board…', icon: '$(new-file)', palette: ready },
  'parley.newBoardFolder': {
    title: 'New Folder on the Board…',
    icon: '$(new-folder)',
    palette: ready,
  },
  'parley.renameBoardFile': { title: 'Rename or Move…', palette: 'false' },
  'parley.deleteBoardFile': { title: 'Delete…', icon: '$(trash)', palette: 'false' },
  'parley.getFile': { title: 'Get…', icon: '$(cloud-download)', palette: 'false' },
  'parley.backupBoard': {
    title: 'Get All Files as a Backup…',
    icon: '$(cloud-download)',
    palette: ready,
  },
  'parley.compareFile': { title: 'Compare with the Workspace', icon: '$(diff)', palette: 'false' },
  'parley.openBoardFolder': {
    title: 'Add the Board’s Files to the Workspace',
    icon: '$(folder-library)',
    palette: ready,
  },
  'parley.formatBoard': { title: 'Format the File System…', palette: ready },
  'parley.putFolder': {
    title: 'Put a Folder on the Board…',
    icon: '$(cloud-upload)',
    palette: ready,
  },
  'parley.syncFolder': {
    title: 'Sync Folder with Board…',
    icon: '$(sync)',
    palette: ready,
  },
  'parley.compareFolder': {
    title: 'Compare Folder with Board…',
    icon: '$(diff-multiple)',
    palette: ready,
  },
  'parley.putFile': {
    title: 'Put this File on the Board…',
    icon: '$(cloud-upload)',
    palette: ready,
  },
  'parley.flashImage': { title: 'Flash to Board…', icon: '$(zap)', palette: 'false' },
  'parley.resetBoard': { title: 'Reset (Press EN)', icon: '$(issue-reopened)', palette: ready },
  'parley.enterBootloader': { title: 'Into the Bootloader', icon: '$(arrow-down)', palette: ready },
  'parley.sharePort': { title: 'Share this Port…', icon: '$(broadcast)', palette: ready },
  'parley.installPackage': {
    title: 'Install a Package (mip)…',
    icon: '$(package)',
    palette: ready,
  },
  'parley.softReset': { title: 'Soft Reset (Ctrl-D)', icon: '$(refresh)', palette: ready },
  'parley.setClock': { title: 'Set the Clock', icon: '$(watch)', palette: ready },
  'parley.scanWifi': { title: 'Wi-Fi Networks…', icon: '$(radio-tower)', palette: ready },
  'parley.scanI2c': { title: 'I2C Scan…', icon: '$(search)', palette: ready },
  'parley.runFile': {
    title: 'Run this File on the Board',
    icon: '$(play)',
    palette: `${ready} && resourceLangId == python`,
  },
  'parley.runSelection': {
    title: 'Run the Selection or Line on the Board',
    icon: '$(run-below)',
    palette: `${ready} && editorLangId == python`,
  },
  'parley.runCell': {
    title: 'Run this Cell on the Board',
    icon: '$(play-circle)',
    palette: `${ready} && editorLangId == python`,
  },
  'parley.goToError': {
    title: 'Go to the Error of the Last Run',
    icon: '$(go-to-file)',
    palette: 'parley.hasError',
  },
  'parley.stopProgram': {
    title: 'Stop the Program',
    icon: '$(debug-stop)',
    palette: 'parley.hasBoards',
  },
  'parley.moveAside': { title: 'Move boot.py or main.py Aside…', palette: ready },
  'parley.startBroker': {
    title: 'Start Broker',
    icon: '$(broadcast)',
    palette: '!parley.brokerRunning',
  },
  'parley.stopBroker': {
    title: 'Stop Broker',
    icon: '$(debug-stop)',
    palette: 'parley.brokerRunning',
  },
  'parley.checkBroker': {
    title: 'Check the Broker',
    icon: '$(pulse)',
    palette: 'parley.brokerRunning',
  },
  'parley.doctor': { title: 'Why Do They Not Talk?', icon: '$(question)' },
  'parley.publish': {
    title: 'Publish a Message…',
    icon: '$(send)',
    palette: 'parley.brokerRunning',
  },
  'parley.chooseBroker': { title: 'Choose the Broker…', icon: '$(arrow-swap)' },
  'parley.chooseAddress': { title: 'Choose the Broker’s Address…', icon: '$(globe)' },
  'parley.restartBroker': {
    title: 'Restart the Broker',
    icon: '$(debug-restart)',
    palette: 'parley.brokerRunning',
  },
  'parley.openBroker': {
    title: 'Who May Reach the Broker…',
    icon: '$(shield)',
    palette: '!parley.untrusted',
  },
  'parley.closeBroker': {
    title: 'Close the Broker to This Computer Only',
    icon: '$(lock)',
    palette: 'parley.brokerRunning',
  },
  'parley.putCertificate': {
    title: 'Put the Broker’s Certificate on a Board…',
    icon: '$(verified)',
    palette: ready,
  },
  'parley.copyBrokerPassword': { title: 'Copy the Broker’s Password', icon: '$(copy)' },
  'parley.setBrokerPassword': { title: 'Set a Broker Password…', icon: '$(key)' },
  'parley.showBrokerConfiguration': {
    title: 'Show Mosquitto’s Configuration',
    icon: '$(file-code)',
    palette: 'parley.brokerRunning',
  },
  'parley.showBrokerLog': {
    title: 'Show the Broker’s Log',
    icon: '$(output)',
    palette: 'parley.brokerRunning',
  },
  'parley.brokerMenu': { title: 'Broker…', icon: '$(broadcast)', palette: 'false' },
  'parley.setWifiPassword': { title: 'Set the Wi-Fi Password…', icon: '$(key)' },
  'parley.forgetWifiPassword': { title: 'Forget the Wi-Fi Password', icon: '$(trash)' },
  'parley.renameBoard': { title: 'Rename Board…', icon: '$(edit)', palette: 'parley.hasBoards' },
  'parley.chooseColour': {
    title: 'Choose Colour…',
    icon: '$(symbol-color)',
    palette: 'parley.hasBoards',
  },
  'parley.boardInfo': { title: 'About this Board', icon: '$(info)', palette: 'parley.hasBoards' },
  'parley.askAgain': { title: 'Ask Again Before Erasing and Flashing' },
  'parley.showConversation': { title: 'Show the Conversation', icon: '$(comment-discussion)' },
  'parley.recordConversation': {
    title: 'Record Conversation…',
    icon: '$(record)',
    palette: '!parley.recording',
  },
  'parley.stopRecording': {
    title: 'Stop Recording',
    icon: '$(debug-stop)',
    palette: 'parley.recording',
  },
  'parley.exportConversation': { title: 'Export the Conversation…', icon: '$(export)' },
  'parley.openRecording': { title: 'Open Recorded Conversation…', icon: '$(folder-opened)' },
  'parley.replayRecording': { title: 'Replay a Recorded Conversation…', icon: '$(play)' },
  'parley.showLog': { title: 'Show Log', icon: '$(output)' },
  'parley.copyLog': { title: 'Copy for an Issue Report', icon: '$(copy)' },
  'parley.collectDiagnostics': { title: 'Collect Diagnostics…', icon: '$(archive)' },
  'parley.openSettings': { title: 'Open Settings', icon: '$(gear)' },
  'parley.newProject': { title: 'New Conversation Project…', icon: '$(new-folder)' },
  'parley.setUpStubs': { title: 'Complete and Check MicroPython Here', icon: '$(symbol-method)' },
  'parley.openExample': { title: 'Open the Example Workspace', icon: '$(folder-opened)' },
  'parley.plugInHelp': { title: 'Plug in a Board…', icon: '$(plug)' },
  'parley.showSteps': { title: 'Show the Steps', icon: '$(book)' },
} as const satisfies Record<string, CommandEntry>;

export type CommandId = keyof typeof commandTable;
export const commandIds = Object.keys(commandTable) as CommandId[];

/** Every title in the palette stands after this word. */
export const category = 'Parley';
