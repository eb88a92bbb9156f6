/**
 * The one table of commands, and the one wrapper that finds the argument, runs, catches, explains.
 * Below: commands/ (one file each), notify. Above: extension.ts registers them.
 */
import * as vscode from 'vscode';
import { Board } from '../board/board';
import { DisposableStore, type Disposable } from '../core/event';
import { FileRow, NoteRow } from './boardRows';
import { SCHEME, boardOfUri } from './boardUri';
import type { Call, Command } from './command';
import { commandIds, type CommandId } from './commandTable';
import { addNetworkBoard } from './commands/addNetworkBoard';
import { addVirtualBoard } from './commands/addVirtualBoard';
import { addVirtualBoards } from './commands/addVirtualBoards';
import { askAgain } from './commands/askAgain';
import { boardInfo } from './commands/boardInfo';
import { brokerMenu } from './commands/brokerMenu';
import { chooseColour } from './commands/chooseColour';
import { chooseAddress } from './commands/chooseAddress';
import { chooseBroker } from './commands/chooseBroker';
import { checkBroker } from './commands/checkBroker';
import { doctor } from './commands/doctor';
import { duplicateVirtualBoard } from './commands/duplicateVirtualBoard';
import { eraseBoard } from './commands/eraseBoard';
import { flashBoard } from './commands/flashBoard';
import { flashBoards } from './commands/flashBoards';
import { forgetWifiPassword } from './commands/forgetWifiPassword';
import { newProject } from './commands/newProject';
import { goToError } from './commands/goToError';
import { installPackage } from './commands/installPackage';
import { moveAside } from './commands/moveAside';
import { openExample } from './commands/openExample';
import { openRepl } from './commands/openRepl';
import { openSettings } from './commands/openSettings';
import { watchBoard } from './commands/watchBoard';
import { enterBootloader } from './commands/enterBootloader';
import { plotBoard } from './commands/plotBoard';
import { exportPlot } from './commands/exportPlot';
import { plugInHelp } from './commands/plugInHelp';
import { publish } from './commands/publish';
import { putFile } from './commands/putFile';
import { putFolder } from './commands/putFolder';
import { refreshBoards } from './commands/refreshBoards';
import { removeNetworkBoard } from './commands/removeNetworkBoard';
import { removeVirtualBoard } from './commands/removeVirtualBoard';
import { renameBoard } from './commands/renameBoard';
import { resetBoard } from './commands/resetBoard';
import { restartVirtualBoard } from './commands/restartVirtualBoard';
import { runCell } from './commands/runCell';
import { runFile } from './commands/runFile';
import { runSelection } from './commands/runSelection';
import { restartBroker } from './commands/restartBroker';
import { softReset } from './commands/softReset';
import { setClock } from './commands/setClock';
import { scanWifi } from './commands/scanWifi';
import { scanI2c } from './commands/scanI2c';
import { setBrokerPassword } from './commands/setBrokerPassword';
import { sharePort } from './commands/sharePort';
import { showBrokerConfiguration } from './commands/showBrokerConfiguration';
import { closeBroker } from './commands/closeBroker';
import { putCertificate } from './commands/putCertificate';
import { openBroker } from './commands/openBroker';
import { copyBrokerPassword } from './commands/copyBrokerPassword';
import { showBrokerLog } from './commands/showBrokerLog';
import { setUpStubs } from './commands/setUpStubs';
import { setVirtualWifi } from './commands/setVirtualWifi';
import { setWifiPassword } from './commands/setWifiPassword';
import { showConversation } from './commands/showConversation';
import { showLog } from './commands/showLog';
import { showSteps } from './commands/showSteps';
import { showVirtualBoard } from './commands/showVirtualBoard';
import { startBroker } from './commands/startBroker';
import { startConversation } from './commands/startConversation';
import { stopBroker } from './commands/stopBroker';
import { stopConversation } from './commands/stopConversation';
import { stopProgram } from './commands/stopProgram';
import { backupBoard } from './commands/backupBoard';
import { backupFlash } from './commands/backupFlash';
import { compareFolder } from './commands/compareFolder';
import { compareFile } from './commands/compareFile';
import { collectDiagnostics } from './commands/collectDiagnostics';
import { copyLog } from './commands/copyLog';
import { deleteBoardFile } from './commands/deleteBoardFile';
import { formatBoard } from './commands/formatBoard';
import { getFile } from './commands/getFile';
import { newBoardFile } from './commands/newBoardFile';
import { newBoardFolder } from './commands/newBoardFolder';
import { openBoardFolder } from './commands/openBoardFolder';
import { refreshFiles } from './commands/refreshFiles';
import { renameBoardFile } from './commands/renameBoardFile';
import { restoreFlash } from './commands/restoreFlash';
import { recordConversation } from './commands/recordConversation';
import { syncFolder } from './commands/syncFolder';
import { stopRecording } from './commands/stopRecording';
import { exportConversation } from './commands/exportConversation';
import { openRecording } from './commands/openRecording';
import { replayRecording } from './commands/replayRecording';
import { runCommand, sentenceFor, tellError } from './notify';
import { parseOptions } from './options';
import type { Services } from './services';

const commands: Readonly<Record<CommandId, Command>> = {
  'parley.startConversation': startConversation,
  'parley.stopConversation': stopConversation,
  'parley.addVirtualBoards': addVirtualBoards,
  'parley.addVirtualBoard': addVirtualBoard,
  'parley.showVirtualBoard': showVirtualBoard,
  'parley.duplicateVirtualBoard': duplicateVirtualBoard,
  'parley.removeVirtualBoard': removeVirtualBoard,
  'parley.setVirtualWifi': setVirtualWifi,
  'parley.restartVirtualBoard': restartVirtualBoard,
  'parley.addNetworkBoard': addNetworkBoard,
  'parley.removeNetworkBoard': removeNetworkBoard,
  'parley.refreshBoards': refreshBoards,
  'parley.eraseBoard': eraseBoard,
  'parley.flashBoard': flashBoard,
  'parley.flashBoards': flashBoards,
  'parley.flashImage': flashBoard,
  'parley.backupFlash': backupFlash,
  'parley.restoreFlash': restoreFlash,
  'parley.openRepl': openRepl,
  'parley.watchBoard': watchBoard,
  'parley.enterBootloader': enterBootloader,
  'parley.sharePort': sharePort,
  'parley.plotBoard': plotBoard,
  'parley.exportPlot': exportPlot,
  'parley.refreshFiles': refreshFiles,
  'parley.newBoardFile': newBoardFile,
  'parley.newBoardFolder': newBoardFolder,
  'parley.renameBoardFile': renameBoardFile,
  'parley.deleteBoardFile': deleteBoardFile,
  'parley.getFile': getFile,
  'parley.backupBoard': backupBoard,
  'parley.compareFile': compareFile,
  'parley.openBoardFolder': openBoardFolder,
  'parley.formatBoard': formatBoard,
  'parley.putFolder': putFolder,
  'parley.syncFolder': syncFolder,
  'parley.compareFolder': compareFolder,
  'parley.putFile': putFile,
  'parley.resetBoard': resetBoard,
  'parley.runFile': runFile,
  'parley.runSelection': runSelection,
  'parley.runCell': runCell,
  'parley.goToError': goToError,
  'parley.stopProgram': stopProgram,
  'parley.moveAside': moveAside,
  'parley.startBroker': startBroker,
  'parley.stopBroker': stopBroker,
  'parley.checkBroker': checkBroker,
  'parley.doctor': doctor,
  'parley.installPackage': installPackage,
  'parley.scanI2c': scanI2c,
  'parley.scanWifi': scanWifi,
  'parley.setClock': setClock,
  'parley.softReset': softReset,
  'parley.publish': publish,
  'parley.chooseBroker': chooseBroker,
  'parley.chooseAddress': chooseAddress,
  'parley.restartBroker': restartBroker,
  'parley.openBroker': openBroker,
  'parley.closeBroker': closeBroker,
  'parley.putCertificate': putCertificate,
  'parley.copyBrokerPassword': copyBrokerPassword,
  'parley.setBrokerPassword': setBrokerPassword,
  'parley.showBrokerConfiguration': showBrokerConfiguration,
  'parley.showBrokerLog': showBrokerLog,
  'parley.brokerMenu': brokerMenu,
  'parley.setWifiPassword': setWifiPassword,
  'parley.forgetWifiPassword': forgetWifiPassword,
  'parley.renameBoard': renameBoard,
  'parley.chooseColour': chooseColour,
  'parley.boardInfo': boardInfo,
  'parley.askAgain': askAgain,
  'parley.showConversation': showConversation,
  'parley.recordConversation': recordConversation,
  'parley.stopRecording': stopRecording,
  'parley.exportConversation': exportConversation,
  'parley.openRecording': openRecording,
  'parley.replayRecording': replayRecording,
  'parley.showLog': showLog,
  'parley.copyLog': copyLog,
  'parley.collectDiagnostics': collectDiagnostics,
  'parley.openSettings': openSettings,
  'parley.newProject': newProject,
  'parley.setUpStubs': setUpStubs,
  'parley.openExample': openExample,
  'parley.plugInHelp': plugInHelp,
  'parley.showSteps': showSteps,
};

export function registerCommands(services: Services): Disposable {
  const store = new DisposableStore();
  for (const id of commandIds) {
    store.add(vscode.commands.registerCommand(id, createCommand(services, id, commands[id])));
  }
  return store;
}

/** The command as VS Code calls it: arguments understood, failures told or thrown. */
function createCommand(services: Services, id: CommandId, command: Command) {
  return async (...args: unknown[]): Promise<unknown> => {
    const call = parseCall(services, args);
    if (!call) return undefined;
    try {
      return await command(services, call);
    } catch (error) {
      const board = call.board ?? call.picked;
      if (call.options.throws) {
        throw new Error(sentenceFor(services, error, board), { cause: error });
      }
      // "Try Again" means the same board: it is not asked for twice.
      // What was answered on the way is not asked again either.
      const answered = { ...call.options, ...call.again };
      const repeat = board && (!call.uri || call.again) ? [{ ...answered, board: board.id }] : args;
      const again = (): Thenable<unknown> => runCommand(id, ...repeat);
      tellError(services, error, board, again);
      return undefined;
    }
  };
}

/** A tree row (and the rows selected with it), an editor's or the explorer's file, or options. */
function parseCall(services: Services, args: readonly unknown[]): Call | undefined {
  const [first, selected] = args;
  if (first instanceof NoteRow) return undefined;
  if (first instanceof Board) {
    const rows = Array.isArray(selected) ? (selected as unknown[]) : [];
    const boards = rows.filter((row): row is Board => row instanceof Board);
    return { board: first, ...(boards.length > 1 ? { boards } : {}), options: {} };
  }
  if (first instanceof FileRow) {
    const rows = Array.isArray(selected) ? (selected as unknown[]) : [];
    const { board } = first;
    const files = rows.filter((row): row is FileRow => row instanceof FileRow);
    const own = files.filter((row) => row.board === board).map((row) => row.node.path);
    return { board, paths: own.length > 0 ? own : [first.node.path], options: {} };
  }
  if (first instanceof vscode.Uri && first.scheme === SCHEME) {
    const found = boardOfUri(services.registry, first);
    if (found) return { board: found.board, paths: [found.path], options: {} };
  }
  if (first instanceof vscode.Uri) {
    const all = Array.isArray(selected) ? (selected as unknown[]) : [];
    const uris = all.filter((one): one is vscode.Uri => one instanceof vscode.Uri);
    return { uri: first, ...(uris.length > 1 ? { uris } : {}), options: {} };
  }
  const options = parseOptions(first);
  const named = options.board;
  if (named === undefined) return { options };
  const board = services.registry.boards.find((b) => b.id === named || b.name === named);
  const paths = options.path === undefined ? {} : { paths: [options.path] };
  return board ? { board, ...paths, options } : { ...paths, options };
}
